package weir.admin;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of URLs (RFC 3986 section 2.1). Immutable. */
final class PercentCode {
    private PercentCode() {}

    /**
     * Decodes a path segment, or with {@code form} a query part, where plus is a space.
     *
     * @throws IllegalArgumentException when a percent sign is not followed by two hex digits, or the result is not
     *     UTF-8 or holds control characters
     */
    static String decode(String text, boolean form) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw new IllegalArgumentException("bad percent-encoding in the URL (expected: %XX)");
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.write(c == '+' && form ? ' ' : c);
            }
        }
        return checked(bytes.toByteArray());
    }

    private static String checked(byte[] bytes) {
        for (byte b : bytes) {
            if (b >= 0 && b < ' ' || b == 0x7f) {
                throw new IllegalArgumentException("control character in the URL");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the URL is not UTF-8", e);
        }
    }
}
