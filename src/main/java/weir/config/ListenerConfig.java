package weir.config;

/** An accepting socket. Immutable. */
public record ListenerConfig(String name, Address address) {}
