package weir.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.PathNormalizer;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;

/**
 * One request to the admin API: collects its small body, has it answered, writes the answer. Confined to the admin
 * event loop; an answer made elsewhere comes back to it.
 */
final class AdminExchange implements RequestReceiver {
    /** Bytes a request body may have: room for a number, a word or a small JSON object. */
    static final int MAXIMUM_BODY = 4096;

    /** IMF-fixdate (RFC 9110 section 5.6.7). */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private static final Map<String, String> SECURITY = Map.of(
            "x-content-type-options", "nosniff",
            "cache-control", "no-store",
            "cross-origin-resource-policy", "same-origin");

    private final AdminHandler handler;
    private final ClientStream stream;
    private @Nullable AdminRequest request;
    private byte[] received = new byte[0];
    private boolean answered;
    private boolean gone;

    AdminExchange(AdminHandler handler, ClientStream stream) {
        this.handler = handler;
        this.stream = stream;
    }

    @Override
    public void request(RequestHead head, boolean last) {
        boolean normal = PathNormalizer.normalize(head);
        request = AdminRequest.of(stream, head);
        boolean tooLarge = head.contentLength() > MAXIMUM_BODY;
        boolean continues = head.fields().has(KnownField.EXPECT);
        handler.heads().release(head);
        if (!normal) {
            refuse(AdminResponse.error(400, "bad path"));
        } else if (last) {
            ask();
        } else if (tooLarge) {
            refuse(tooLarge());
        } else if (continues) {
            inform();
        }
    }

    @Override
    public void rejected(RequestHead head, MessageError error) {
        handler.heads().release(head);
        refuse(AdminResponse.error(error.status(), error.code()));
        stream.flush();
    }

    @Override
    public void body(ByteBuf data) {
        try {
            if (answered || gone) {
                return;
            }
            int size = received.length;
            if (size + data.readableBytes() > MAXIMUM_BODY) {
                refuse(tooLarge());
                return;
            }
            received = Arrays.copyOf(received, size + data.readableBytes());
            System.arraycopy(ByteBufUtil.getBytes(data), 0, received, size, received.length - size);
        } finally {
            data.release();
        }
    }

    @Override
    public void end(@Nullable Fields trailers) {
        if (!answered) {
            ask();
        }
    }

    @Override
    public void broken(MessageError error) {
        if (answered) {
            stream.reset();
        } else {
            refuse(AdminResponse.error(error.status(), error.code()));
            stream.flush();
        }
    }

    @Override
    public void aborted() {
        gone = true;
    }

    @Override
    public void writable() {
        // An answer is written whole: there is nothing to go on with.
    }

    @Override
    public void readComplete() {
        stream.flush();
    }

    private void ask() {
        AdminRequest complete = request;
        if (complete == null) {
            return;
        }
        AdminRequest whole = complete.with(received);
        Thread loop = Thread.currentThread();
        handler.api().answer(whole, response -> {
            if (Thread.currentThread() == loop) {
                respond(response, whole.headOnly());
            } else {
                handler.loop().execute(() -> respond(response, whole.headOnly()));
            }
        });
    }

    private void refuse(AdminResponse response) {
        stream.closeAfterResponse();
        AdminRequest asked = request;
        respond(response, asked != null && asked.headOnly());
    }

    private static AdminResponse tooLarge() {
        return AdminResponse.error(413, "body too large (expected: at most " + MAXIMUM_BODY + " bytes)");
    }

    private void inform() {
        ResponseHead head = handler.heads().response();
        head.status(100);
        stream.inform(head);
        handler.heads().release(head);
    }

    private void respond(AdminResponse response, boolean headOnly) {
        if (answered || gone) {
            return;
        }
        answered = true;
        HeadPool heads = handler.heads();
        ResponseHead head = heads.response();
        int length = response.body().length;
        head.status(response.status());
        head.contentLength(length);
        Fields fields = head.fields();
        add(fields, "date", DATE.format(handler.clock().instant()));
        add(fields, "content-type", response.contentType());
        SECURITY.forEach((name, value) -> add(fields, name, value));
        response.fields().forEach((name, value) -> add(fields, name, value));
        boolean last = headOnly || length == 0;
        stream.respond(head, last);
        heads.release(head);
        if (!last) {
            stream.write(Unpooled.wrappedBuffer(response.body()));
            stream.finish(null);
        }
        stream.flush();
    }

    private static void add(Fields fields, String name, String value) {
        fields.add(name.getBytes(StandardCharsets.US_ASCII)).value(value);
    }
}
