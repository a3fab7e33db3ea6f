package weir.http3;

import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.ResponseHead;
import weir.http.TrailerFields;

/**
 * Makes field sections of response heads and trailers: names in lower case, without the fields of an HTTP/1.1
 * connection (RFC 9114 section 4.2). Stateless.
 */
final class ResponseSection {
    private static final AsciiString[] STATUSES = new AsciiString[600];
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

    static {
        for (int status = 100; status < 600; status++) {
            STATUSES[status] = AsciiString.cached(Integer.toString(status));
        }
    }

    private ResponseSection() {}

    /** The section of a head whose body has that many bytes; -1 when that is not known, or not to be said. */
    static Http3Headers of(ResponseHead head, long contentLength, boolean asReceived) {
        Fields fields = head.fields();
        Http3Headers section = new DefaultHttp3Headers(false, 2 * (fields.count() + 2));
        section.status(STATUSES[head.status()]);
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.dropped(i) && !isOwn(fields, i, asReceived)) {
                section.add(name(fields, i), value(fields, i));
            }
        }
        if (contentLength >= 0) {
            section.add(CONTENT_LENGTH, AsciiString.of(Long.toString(contentLength)));
        }
        return section;
    }

    /** The section of trailers; null when nothing is left of them. */
    static @Nullable Http3Headers ofTrailers(Fields trailers) {
        TrailerFields.dropForbidden(trailers);
        Http3Headers section = new DefaultHttp3Headers(false);
        for (int i = 0; i < trailers.count(); i++) {
            if (!trailers.dropped(i)) {
                section.add(name(trailers, i), value(trailers, i));
            }
        }
        return section.isEmpty() ? null : section;
    }

    private static boolean isOwn(Fields fields, int i, boolean asReceived) {
        KnownField known = fields.knownOfAll(i);
        return known == KnownField.TE
                || (known == KnownField.CONTENT_LENGTH && !asReceived)
                || (known != null && known.ofConnection());
    }

    private static AsciiString name(Fields fields, int i) {
        byte[] name = new byte[fields.nameLength(i)];
        byte[] a = fields.array();
        int start = fields.nameStart(i);
        for (int k = 0; k < name.length; k++) {
            name[k] = FieldSyntax.toLower(a[start + k]);
        }
        return new AsciiString(name, false);
    }

    private static AsciiString value(Fields fields, int i) {
        return new AsciiString(fields.array(), fields.valueStart(i), fields.valueLength(i), true);
    }
}
