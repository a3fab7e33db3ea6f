package weir.tls;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weir.config.Location;
import weir.http.CertificateNames;

/**
 * A certificate to show to clients, with its key. Immutable but for the array, which nobody writes to.
 *
 * @param chain the certificate, then those that lead to its authority
 * @param ocsp the response to staple (RFC 6066 section 8), DER; null for none
 * @param names the DNS names it is for, in lower case, wildcards among them
 * @param at where the configuration names it
 */
public record ServerCertificate(
        List<X509Certificate> chain, PrivateKey key, byte @Nullable [] ocsp, List<String> names, Location at) {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final Pattern COMMON_NAME = Pattern.compile("(?i)(?:^|,)\\s*CN=([^,+]+)");

    public ServerCertificate {
        chain = List.copyOf(chain);
        names = List.copyOf(names);
    }

    static ServerCertificate of(List<X509Certificate> chain, PrivateKey key, byte @Nullable [] ocsp, Location at) {
        return new ServerCertificate(chain, key, ocsp, namesOf(chain.get(0)), at);
    }

    /** The certificate itself. */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    /** Whether it signs by an elliptic curve; else by RSA. */
    public boolean ecdsa() {
        return key.getAlgorithm().equals("EC");
    }

    /** The hosts it is for, IP addresses among them. */
    CertificateNames hosts() {
        List<String> hosts = new ArrayList<>(names);
        try {
            Collection<List<?>> alternatives = leaf().getSubjectAlternativeNames();
            for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (Integer.valueOf(IP_ADDRESS).equals(name.get(0))) {
                    hosts.add(String.valueOf(name.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            return new CertificateNames(hosts); // as it is read for the choice by name
        }
        return new CertificateNames(hosts);
    }

    /** What people call it: its first name. */
    public String name() {
        return names.isEmpty() ? leaf().getSubjectX500Principal().getName() : names.get(0);
    }

    /** The DNS names it is for; where it has none, as of old its common name. */
    private static List<String> namesOf(X509Certificate leaf) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if (Integer.valueOf(DNS_NAME).equals(name.get(0))) {
                        names.add(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT));
                    }
                }
                return names;
            }
        } catch (CertificateParsingException e) {
            return names; // then it is for no name, and good for the default alone
        }
        Matcher common = COMMON_NAME.matcher(leaf.getSubjectX500Principal().getName());
        if (common.find()) {
            names.add(common.group(1).toLowerCase(Locale.ROOT));
        }
        return names;
    }
}
