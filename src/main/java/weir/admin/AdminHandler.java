package weir.admin;

import java.time.Clock;
import java.util.concurrent.Executor;
import weir.http.ClientStream;
import weir.http.HeadPool;
import weir.http.RequestHandler;
import weir.http.RequestReceiver;

/** Opens an {@link AdminExchange} for each request. Confined to the admin event loop. */
final class AdminHandler implements RequestHandler {
    private final AdminApi api;
    private final HeadPool heads;
    private final Executor loop;
    private final Clock clock;

    AdminHandler(AdminApi api, HeadPool heads, Executor loop, Clock clock) {
        this.api = api;
        this.heads = heads;
        this.loop = loop;
        this.clock = clock;
    }

    @Override
    public RequestReceiver open(ClientStream stream) {
        return new AdminExchange(this, stream);
    }

    AdminApi api() {
        return api;
    }

    HeadPool heads() {
        return heads;
    }

    Executor loop() {
        return loop;
    }

    Clock clock() {
        return clock;
    }
}
