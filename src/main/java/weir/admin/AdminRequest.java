package weir.admin;

import weir.http.ClientStream;
import weir.http.Method;
import weir.http.RequestHead;

/**
 * A request to the admin API, taken out of its pooled head. Immutable.
 *
 * @param path normalised, still percent-encoded
 * @param query with its question mark, still percent-encoded
 * @param body what was sent, at most {@link AdminExchange#MAXIMUM_BODY} bytes
 */
record AdminRequest(Method method, String path, String query, Caller caller, byte[] body) {
    /** Everything but the body. */
    static AdminRequest of(ClientStream stream, RequestHead head) {
        return new AdminRequest(
                head.method(), head.text(head.path()), head.text(head.query()), Caller.of(stream, head), new byte[0]);
    }

    /** The same request with that body. */
    AdminRequest with(byte[] received) {
        return new AdminRequest(method, path, query, caller, received);
    }

    /** Whether only the head of the answer is wanted. */
    boolean headOnly() {
        return method == Method.HEAD;
    }
}
