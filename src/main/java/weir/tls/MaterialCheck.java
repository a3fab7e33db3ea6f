package weir.tls;

import java.util.ArrayList;
import java.util.List;
import weir.config.Configuration;
import weir.config.ConfiguredFile;
import weir.config.ListenerConfig;
import weir.config.Problem;
import weir.config.ServiceConfig;

/** Finds out whether the files of TLS that a configuration names are any good. */
public final class MaterialCheck {
    private MaterialCheck() {}

    /** Everything that is wrong with them, at its place in the configuration. */
    public static List<Problem> problems(Configuration configuration) {
        List<Problem> problems = new ArrayList<>();
        for (ListenerConfig listener : configuration.listeners().values()) {
            if (listener.tls() != null) {
                ServerMaterial.read(listener.tls(), TlsProvider.ofProcess(), problems::add);
            }
        }
        for (ServiceConfig service : configuration.services().values()) {
            ServiceConfig.Tls tls = service.wire().tls();
            if (tls != null) {
                check(tls, new MaterialFiles(), problems);
            }
        }
        return problems;
    }

    private static void check(ServiceConfig.Tls tls, MaterialFiles files, List<Problem> problems) {
        try {
            ConfiguredFile ca = tls.ca();
            if (ca != null) {
                files.pem(ca).certificates();
            }
        } catch (BadMaterial e) {
            problems.add(e.problem());
        }
        ConfiguredFile certificate = tls.certificate();
        ConfiguredFile key = tls.key();
        try {
            if (certificate != null && key != null) {
                KeyMaterial.read(certificate, key, files);
            }
        } catch (BadMaterial e) {
            problems.add(e.problem());
        }
    }
}
