package weir.proxy;

import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.ResponseHead;

/** How many more proxies may pass on an OPTIONS or TRACE (RFC 9110 section 7.6.2). Stateless. */
final class MaxForwards {
    private MaxForwards() {}

    /** Counts this proxy in; false when the request must not go further and {@link #answer} is due. */
    static boolean pass(RequestHead request) {
        Method method = request.method();
        if (method != Method.OPTIONS && method != Method.TRACE) {
            return true;
        }
        Fields fields = request.fields();
        int i = fields.first(KnownField.MAX_FORWARDS);
        if (i < 0) {
            return true;
        }
        int start = fields.valueStart(i);
        long left = FieldSyntax.parseContentLength(fields.array(), start, start + fields.valueLength(i));
        if (left == 0) {
            return false;
        }
        if (left > 0) {
            fields.drop(KnownField.MAX_FORWARDS);
            fields.add(KnownField.MAX_FORWARDS).value(Long.toString(left - 1));
        }
        return true;
    }

    /** What the last recipient says: nothing of OPTIONS, and no echo for TRACE, which would show a client's secrets. */
    static LocalAnswer answer(HeadPool heads, RequestHead request) {
        if (request.method() == Method.TRACE) {
            return LocalAnswer.error(heads, 405, false);
        }
        ResponseHead head = heads.response();
        head.status(200);
        head.contentLength(0);
        return new LocalAnswer(head, LocalAnswer.NO_BODY, false);
    }
}
