package weir.service;

/** How one attempt ended, as the backend's health sees it. Immutable. */
public enum Outcome {
    /** A response came; whether its status counts as an error is the ejector's question. */
    RESPONSE,
    /** No connection was made. */
    CONNECT_FAILURE,
    /** The connection was reset or closed before the response was complete. */
    RESET,
    /** No connection, response head or further byte in time. */
    TIMEOUT,
    /** The response broke the rules of HTTP. */
    INVALID_RESPONSE,
    /** The client ended it, or the proxy itself failed: says nothing of the backend. */
    NEUTRAL
}
