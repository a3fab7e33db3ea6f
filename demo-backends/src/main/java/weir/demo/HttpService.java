package weir.demo;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** What a demo backend answers to a request. Called on many threads. */
interface HttpService {
    /** Answers; the body not read here is read and dropped by the caller. */
    HttpAnswer answer(HttpExchange exchange) throws IOException;
}
