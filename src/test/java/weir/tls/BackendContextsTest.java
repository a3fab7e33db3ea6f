package weir.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.ConfiguredFile;
import weir.config.Location;
import weir.config.ProxyProtocol;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.Protocol;
import weir.config.ServiceConfig.Tls;
import weir.config.ServiceConfig.Wire;
import weir.testing.ServiceFixture;

class BackendContextsTest {
    @TempDir
    private Path files;

    private final BackendContexts contexts = new BackendContexts(() -> TlsProvider.JDK);

    private ServiceConfig service(@Nullable String ca) {
        ServiceConfig config = ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN);
        ConfiguredFile file =
                ca == null ? null : new ConfiguredFile(files.resolve(ca).toString(), Location.UNKNOWN);
        return new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                config.retry(),
                config.timeouts(),
                config.limits(),
                config.pool(),
                null,
                new Wire(Protocol.HTTPS, new Tls(file, true, null, null, null), ProxyProtocol.OFF));
    }

    @Test
    void keepsWhatDidNotChange() throws Exception {
        var first = contexts.read(List.of(service(null)));
        contexts.publish(first);
        assertEquals(first, contexts.read(List.of(service(null))));
    }

    @Test
    void saysWhichFileIsNoGood() throws Exception {
        Files.writeString(files.resolve("ca.pem"), "nonsense");
        IOException refused = assertThrows(IOException.class, () -> contexts.read(List.of(service("ca.pem"))));
        assertTrue(refused.getMessage().contains("ca.pem: no PEM in it"), refused::getMessage);
        List<String> problems = new ArrayList<>();
        BackendContexts.check(
                List.of(service("missing.pem")), () -> TlsProvider.JDK, problem -> problems.add(problem.toString()));
        assertEquals(1, problems.size());
        assertTrue(problems.get(0).contains("missing.pem: no such file"), problems::toString);
    }
}
