package weir.http3;

import io.netty.handler.codec.http3.Http3Headers;
import java.util.Map;
import weir.http.Fields;
import weir.http.TrailerFields;

/** Reads the trailers of a request, by the rules of all fields; what may not be there is dropped. Stateless. */
final class TrailerSection {
    private TrailerSection() {}

    /** Fills an empty set of fields; false when they are refused. */
    static boolean read(Http3Headers section, Http3Limits limits, Fields trailers) {
        ReceivedFields received = new ReceivedFields(limits);
        received.begin();
        for (Map.Entry<CharSequence, CharSequence> field : section) {
            if (received.add(trailers, field.getKey(), field.getValue()) != null) {
                return false; // a pseudo-header is no token
            }
        }
        TrailerFields.dropForbidden(trailers);
        return true;
    }
}
