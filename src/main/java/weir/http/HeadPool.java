package weir.http;

import java.util.ArrayDeque;

/** The heads of one event loop, used again and again. Confined to one event loop. */
public final class HeadPool {
    private static final int KEPT = 1024;
    private static final int LARGE = 16 * 1024;

    private final ArrayDeque<RequestHead> requests = new ArrayDeque<>();
    private final ArrayDeque<ResponseHead> responses = new ArrayDeque<>();
    private final ByteBudget budget;

    /** A pool of a loop without a budget. */
    public HeadPool() {
        this(new ByteBudget());
    }

    /** A pool of a loop whose connections hold no more than that. */
    public HeadPool(ByteBudget budget) {
        this.budget = budget;
    }

    /** The byte budget of the connections of this loop. */
    public ByteBudget budget() {
        return budget;
    }

    /** A cleared request head. */
    public RequestHead request() {
        RequestHead head = requests.pollLast();
        return head != null ? head : new RequestHead();
    }

    /** A cleared response head. */
    public ResponseHead response() {
        ResponseHead head = responses.pollLast();
        return head != null ? head : new ResponseHead();
    }

    /** Takes a head back; it must not be used any more. Unusually large ones are left to the collector. */
    public void release(RequestHead head) {
        if (requests.size() < KEPT && head.fields().array().length <= LARGE) {
            head.clear();
            requests.addLast(head);
        }
    }

    /** Takes a head back; it must not be used any more. */
    public void release(ResponseHead head) {
        if (responses.size() < KEPT && head.fields().array().length <= LARGE) {
            head.clear();
            responses.addLast(head);
        }
    }
}
