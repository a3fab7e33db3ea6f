package weir.config;

import org.jspecify.annotations.Nullable;

/** The admin API. Immutable. {@code tokenFile} is already resolved against the configuration file. */
public record AdminConfig(Address address, @Nullable String tokenFile, boolean readOnly) {
    public static final AdminConfig DEFAULT = new AdminConfig(new Address("127.0.0.1", 9900), null, false);
}
