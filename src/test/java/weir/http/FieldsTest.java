package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FieldsTest {
    private final Fields fields = new Fields();

    @Test
    void addedFieldsStandInTheArenaAsTheyAreSent() {
        fields.append(ascii("received"), 0, 8);
        fields.add(KnownField.VIA).value(ascii("1.1 a")).value(", 1.1 b");
        fields.add(ascii("x-empty"));
        fields.add(ascii("x-long")).value("v".repeat(2_000));
        assertEquals("receivedvia: 1.1 a, 1.1 b\r\nx-empty: \r\nx-long: " + "v".repeat(2_000) + "\r\n", arena());
        assertEquals(KnownField.VIA, fields.knownOfAll(0));
        assertEquals("", fields.value(1));
    }

    @Test
    void aValueMayComeFromTheArenaThatItMakesGrow() {
        fields.append(ascii("0123456789".repeat(100)), 0, 1_000);
        fields.add(KnownField.HOST).value(fields.array(), 10, 900);
        assertEquals("0123456789".repeat(90), fields.value(0));
    }

    @Test
    void aValueEndsWhereOtherBytesFollow() {
        fields.add(KnownField.VIA).value("a");
        fields.append(ascii("other"), 0, 5);
        assertThrows(IllegalStateException.class, () -> fields.value("b"));
    }

    @Test
    void linesMadeBeforehandAreLikeThoseAddedOneByOne() {
        FieldLines lines =
                new FieldLines(2).add(KnownField.VIA, ascii("1.1 "), ascii("w")).add(KnownField.X_FORWARDED_HOST);
        fields.append(ascii("some bytes before"), 0, 17);
        int first = fields.add(lines);
        fields.value("a.test").value(":80");
        Fields others = new Fields();
        others.append(ascii("some bytes before"), 0, 17);
        others.add(KnownField.VIA).value("1.1 w");
        others.add(KnownField.X_FORWARDED_HOST).value("a.test:80");
        assertEquals(new String(others.array(), 0, others.length(), StandardCharsets.US_ASCII), arena());
        assertEquals(0, first);
        for (int i = 0; i < others.count(); i++) {
            assertEquals(others.name(i) + ": " + others.value(i), fields.name(i) + ": " + fields.value(i));
            assertEquals(others.knownOfAll(i), fields.knownOfAll(i));
        }
    }

    @Test
    void undoesTheEditsBehindThoseThatAreKept() {
        Fields fields = new Fields();
        byte[] name = {'a'};
        for (int i = 0; i < 3; i++) {
            int at = fields.append(name, 0, 1);
            fields.index(at, 1, at, 1);
        }
        fields.neverIndex(2);
        fields.drop(0);
        fields.add(KnownField.VIA).value("kept");
        fields.keepEdits();
        for (int attempt = 0; attempt < 2; attempt++) {
            fields.drop(1);
            fields.drop(2);
            fields.drop(3);
            fields.add(KnownField.VIA).value("undone");
            fields.undoEdits();
            assertEquals(4, fields.count());
            assertTrue(fields.dropped(0));
            assertFalse(fields.dropped(1) || fields.dropped(2) || fields.dropped(3));
            assertTrue(fields.neverIndexed(2));
        }
        fields.clear();
        fields.index(fields.append(name, 0, 1), 1, 0, 1);
        assertFalse(fields.dropped(0) || fields.neverIndexed(0));
        fields.drop(0);
        fields.undoEdits();
        assertFalse(fields.dropped(0), "nothing was kept");
    }

    @Test
    void writesAValueOver() {
        int at = fields.append(ascii("new!"), 0, 4);
        int i = fields.add(new FieldLines(1).add(KnownField.X_REQUEST_ID, ascii("old?")));
        fields.overwrite(i, at);
        assertEquals("new!x-request-id: new!\r\n", arena());
    }

    @Test
    void appendsBitsAsHexadecimalDigits() {
        int at = fields.appendHex(0x0123456789abcdefL, 0xfedcba9876543210L);
        assertEquals(0, at);
        assertEquals("0123456789abcdeffedcba9876543210", arena());
    }

    private String arena() {
        return new String(fields.array(), 0, fields.length(), StandardCharsets.US_ASCII);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
