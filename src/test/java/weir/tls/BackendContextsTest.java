package weir.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
import weir.testing.RequiresTool;
import weir.testing.ServiceFixture;
import weir.testing.SiteCertificates;

@RequiresTool("openssl")
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

    private void look(BackendRenewal renewal) {
        renewal.look(); // restless
        renewal.look();
    }

    @Test
    void takesUpChangedFilesWhenTheyAreGood() throws Exception {
        new SiteCertificates(files);
        Files.createDirectory(files.resolve("other"));
        new SiteCertificates(files.resolve("other"));
        Path ca = files.resolve("ca.pem");
        contexts.publish(contexts.read(List.of(service("ca.pem"))));
        var first = contexts.inForce();
        BackendRenewal renewal = new BackendRenewal(contexts);
        look(renewal);
        assertEquals(first, contexts.inForce());
        Files.writeString(ca, "nonsense");
        look(renewal);
        assertEquals(first, contexts.inForce());
        Files.copy(files.resolve("other/ca.pem"), ca, StandardCopyOption.REPLACE_EXISTING);
        renewal.look();
        assertEquals(first, contexts.inForce());
        renewal.look();
        var second = contexts.inForce();
        assertNotEquals(first, second);
        look(renewal);
        assertEquals(second, contexts.inForce());
        // A reload that changes nothing keeps what is there, too.
        assertEquals(second, contexts.read(List.of(service("ca.pem"))));
    }
}
