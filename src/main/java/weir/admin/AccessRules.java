package weir.admin;

import org.jspecify.annotations.Nullable;

/**
 * Who may ask for what. Reads are kept from pages that bend their own DNS name to this machine (DNS rebinding),
 * changes from pages that send forms or scripts here (CSRF): a token is proof against both, since no page knows it;
 * without one a loopback {@code Host} and the absence of {@code Origin} are. Thread-safe.
 *
 * <ul>
 *   <li>{@link Access#OPEN}: everybody.
 *   <li>{@link Access#READ}: whoever shows the token; the own machine under a loopback {@code Host}; other machines
 *       only where no token is configured, those behind a proxy on this one under a loopback {@code Host} too.
 *   <li>{@link Access#CHANGE}: nobody when read-only; whoever shows the token; without a configured token the own
 *       machine under a loopback {@code Host}, if no browser says that a page of another site asks.
 * </ul>
 */
final class AccessRules {
    private final @Nullable TokenFile token;
    private final boolean readOnly;

    AccessRules(@Nullable TokenFile token, boolean readOnly) {
        this.token = token;
        this.readOnly = readOnly;
    }

    /** The refusal, or null when the caller may. */
    @Nullable
    AdminResponse refusal(Caller caller, Access access) {
        if (access == Access.OPEN) {
            return null;
        }
        if (access == Access.CHANGE && readOnly) {
            return AdminResponse.error(403, "admin.read-only is true: nothing can be changed here");
        }
        if (token != null && token.accepts(caller.authorization())) {
            return null;
        }
        return access == Access.READ ? withoutTokenRead(caller) : withoutTokenChange(caller);
    }

    private @Nullable AdminResponse withoutTokenRead(Caller caller) {
        // Not where a proxy passed it on either: a page's script may say so of itself.
        if (caller.loopbackPeer() && !caller.loopbackHost()) {
            return foreignHost();
        }
        return token == null || caller.local() ? null : unauthorized("from another machine the token is needed");
    }

    private @Nullable AdminResponse withoutTokenChange(Caller caller) {
        if (token != null) {
            return unauthorized("a change needs the token");
        }
        if (!caller.local()) {
            return AdminResponse.error(403, "without admin.token-file changes are taken only from this machine");
        }
        if (!caller.loopbackHost()) {
            return foreignHost();
        }
        String site = caller.fetchSite();
        if (caller.origin() != null || !(site == null || site.equals("none") || site.equals("same-origin"))) {
            return AdminResponse.error(403, "without admin.token-file changes are not taken from web pages");
        }
        return null;
    }

    private static AdminResponse foreignHost() {
        return AdminResponse.error(
                403, "the host of the URL must be a loopback one (expected: 127.0.0.1 or localhost)");
    }

    private static AdminResponse unauthorized(String why) {
        return AdminResponse.error(401, why + " (expected: authorization: Bearer TOKEN)")
                .with("www-authenticate", "Bearer");
    }
}
