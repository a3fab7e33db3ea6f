package weir.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.TlsHello;

final class HelloRecordsTest {
    /** The name found in all of the bytes, which must suffice. */
    private static String name(byte[] bytes) {
        HelloRecords hello = new HelloRecords();
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        assertTrue(hello.read(in));
        assertEquals(0, in.readerIndex());
        return String.valueOf(hello.serverName());
    }

    @Test
    void findsTheName() throws Exception {
        assertEquals("db.example.com", name(TlsHello.of("db.example.com")));
        assertEquals("null", name(TlsHello.of("")));
    }

    @Test
    void findsTheNameInLowerCase() throws Exception {
        byte[] hello = TlsHello.of("DB.Example.com");
        assertEquals("db.example.com", name(hello));
    }

    @Test
    void waitsForEveryByteOfIt() throws Exception {
        byte[] bytes = TlsHello.of("db.example.com");
        for (int i = 0; i < bytes.length; i++) {
            HelloRecords hello = new HelloRecords();
            assertFalse(hello.read(Unpooled.wrappedBuffer(bytes, 0, i)), "after " + i);
            assertNull(hello.serverName());
        }
    }

    @Test
    void leavesWhatFollows() throws Exception {
        byte[] hello = TlsHello.of("db.example.com");
        byte[] more = Arrays.copyOf(hello, hello.length + 100);
        assertEquals("db.example.com", name(more));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 100, 200, 399})
    void joinsRecords(int bytes) throws Exception {
        byte[] records = TlsHello.inRecords(TlsHello.of("db.example.com"), bytes);
        assertEquals("db.example.com", name(records));
        for (int i = 0; i < records.length; i++) {
            assertFalse(new HelloRecords().read(Unpooled.wrappedBuffer(records, 0, i)), "after " + i);
        }
    }

    @Test
    void givesUpOnManyTinyRecords() throws Exception {
        assertEquals("null", name(TlsHello.inRecords(TlsHello.of("db.example.com"), 4)));
    }

    @Test
    void givesUpOnWhatIsNoTls() {
        assertEquals("null", name("GET / HTTP/1.1\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        assertEquals("null", name(new byte[] {22, 2}));
        assertEquals("null", name(new byte[] {22, 3, 1, 0, 10, 2, 0, 0, 6}));
        assertEquals("null", name(new byte[] {22, 3, 1, 0, 2, 1, 0, 0, 0}));
        assertEquals("null", name(new byte[] {21, 3, 1, 0, 2, 1, 0}));
    }

    @Test
    void givesUpOnAHelloOfMoreThan16KiB() {
        assertEquals("null", name(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x40, 0}));
        assertFalse(new HelloRecords().read(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0})));
    }

    @Test
    void neverFailsOnMutations() throws Exception {
        Random random = new Random(7);
        byte[] good = TlsHello.of("db.example.com");
        int named = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4) + 1; n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            HelloRecords hello = new HelloRecords();
            ByteBuf in = Unpooled.wrappedBuffer(bytes, 0, random.nextInt(bytes.length + 1));
            hello.read(in);
            assertEquals(0, in.readerIndex());
            named += hello.serverName() == null ? 0 : 1;
        }
        assertTrue(named > 0);
    }
}
