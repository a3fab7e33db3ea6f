package weir.config;

/**
 * A tag that was to make a route and does not. Immutable.
 *
 * @param why for people
 */
public record RefusedTag(String service, String tag, String why) {}
