package weir.http3;

import io.netty.handler.codec.http3.Http3Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import weir.http.FieldSink;

/** A field section as the codec decoded it, for the validator of all versions. Stateless. */
final class DecodedSection {
    private DecodedSection() {}

    /** Hands every field over, in order; returns the bytes of names and values. */
    static int read(Http3Headers section, FieldSink to) {
        int bytes = 0;
        for (Map.Entry<CharSequence, CharSequence> field : section) {
            AsciiString name = ascii(field.getKey());
            AsciiString value = ascii(field.getValue());
            bytes += name.length() + value.length();
            to.field(
                    name.array(),
                    name.arrayOffset(),
                    name.length(),
                    value.array(),
                    value.arrayOffset(),
                    value.length());
        }
        return bytes;
    }

    private static AsciiString ascii(CharSequence text) {
        return text instanceof AsciiString ascii
                ? ascii
                : new AsciiString(text.toString().getBytes(StandardCharsets.ISO_8859_1), false);
    }
}
