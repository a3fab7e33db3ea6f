package weir.admin;

/** Walks the route table for a request that nobody sends. Thread-safe. */
@FunctionalInterface
public interface Explainer {
    /**
     * The walk, route by route.
     *
     * @throws IllegalArgumentException when the request could not be sent, with a message for people
     */
    RouteWalk explain(ExplainRequest request);
}
