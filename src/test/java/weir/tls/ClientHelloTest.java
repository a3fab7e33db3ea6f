package weir.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

/** Real hellos, of Java's own client. */
final class ClientHelloTest {
    private static final int HEADERS = 5 + 4;
    private static final String ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    private static final String RSA = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";

    private static ByteBuf hello(String name, List<String> versions, List<String> suites) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
        parameters.setProtocols(versions.toArray(new String[0]));
        parameters.setCipherSuites(suites.toArray(new String[0]));
        engine.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        assertEquals(
                SSLEngineResult.Status.OK,
                engine.wrap(ByteBuffer.allocate(0), record).getStatus());
        record.flip();
        return Unpooled.wrappedBuffer(record.array(), HEADERS, record.remaining() - HEADERS);
    }

    @Test
    void readsTheNameInLowerCase() throws Exception {
        ClientHello hello =
                ClientHello.parse(hello("Www.Example.Com", List.of("TLSv1.3"), List.of("TLS_AES_128_GCM_SHA256")));
        assertEquals("www.example.com", hello.serverName());
        assertTrue(hello.tls13());
        assertTrue(hello.ecdsa());
        assertTrue(hello.rsa());
    }

    @Test
    void knowsWhatCertificatesSuitesOfTls12GoWith() throws Exception {
        ClientHello ecdsa = ClientHello.parse(hello("", List.of("TLSv1.2"), List.of(ECDSA)));
        ClientHello rsa = ClientHello.parse(hello("", List.of("TLSv1.2"), List.of(RSA)));
        assertEquals(new ClientHello(null, false, true, false), ecdsa);
        assertEquals(new ClientHello(null, false, false, true), rsa);
    }

    @Test
    void takesWhateverBreaksOffForAnUnknownClient() throws Exception {
        ByteBuf whole = hello("a.test", List.of("TLSv1.3", "TLSv1.2"), List.of("TLS_AES_128_GCM_SHA256", ECDSA, RSA));
        for (int length = 0; length < whole.readableBytes(); length++) {
            ClientHello hello = ClientHello.parse(whole.slice(whole.readerIndex(), length));
            assertNotNull(hello);
            assertTrue(hello.serverName() == null || hello.serverName().equals("a.test"));
        }
        assertEquals("a.test", ClientHello.parse(whole).serverName());
        assertFalse(ClientHello.parse(null).tls13());
    }

    @Test
    void refusesANameThatIsNoHost() throws Exception {
        assertEquals(null, ClientHello.parse(renamed("a.test", "a\ntest")).serverName());
        assertEquals(null, ClientHello.parse(renamed("a.test", "a.t\u00e9st")).serverName());
    }

    /** A hello for one name with another one of the same length in its place. */
    private static ByteBuf renamed(String from, String to) throws Exception {
        ByteBuf hello = hello(from, List.of("TLSv1.3"), List.of("TLS_AES_128_GCM_SHA256"));
        String text = hello.toString(StandardCharsets.ISO_8859_1);
        assertTrue(text.contains(from));
        return Unpooled.copiedBuffer(text.replace(from, to), StandardCharsets.ISO_8859_1);
    }

    @Test
    void leavesTheDotOfTheRootAside() throws Exception {
        ClientHello hello = ClientHello.parse(renamed("a.test", "a.tes."));
        assertEquals("a.tes", hello.serverName());
    }
}
