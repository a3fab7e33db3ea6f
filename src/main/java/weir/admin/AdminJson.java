package weir.admin;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weir.config.Address;
import weir.config.Cidr;
import weir.config.Location;
import weir.service.Reason;

/**
 * How the admin API writes its records: keys in the order of the components, in lower case with dashes, null where
 * nothing is known, so that the shape of an answer never changes. Thread-safe.
 */
public final class AdminJson {
    private static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_DASHES)
            .registerTypeAdapter(Instant.class, new Text<>(Instant::toString, Instant::parse))
            .registerTypeAdapter(Duration.class, Text.written(AdminJson::duration))
            .registerTypeAdapter(Address.class, Text.written(Address::toString))
            .registerTypeAdapter(Location.class, Text.written(Location::toString))
            .registerTypeAdapter(Cidr.class, Text.written(AdminJson::network))
            .registerTypeAdapter(Reason.class, new Text<>(Reason::text, AdminJson::reason))
            .registerTypeAdapterFactory(new Words())
            .serializeNulls()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .create();

    private AdminJson() {}

    /** A record, map or list as JSON text over several lines. */
    public static String write(Object value) {
        return GSON.toJson(value);
    }

    /** The same as a tree, for whoever edits it before it is written. */
    static JsonElement tree(Object value) {
        return GSON.toJsonTree(value);
    }

    /**
     * Reads a record that {@link #write} wrote; keys it does not know are ignored.
     *
     * @throws JsonParseException when it is no such JSON
     */
    public static <T> @Nullable T read(String json, Class<T> type) {
        return GSON.fromJson(json, type);
    }

    /** A duration as the configuration writes it: the largest unit that divides it. */
    private static String duration(Duration d) {
        long ms = d.toMillis();
        if (ms == 0) {
            return "0s";
        }
        if (ms % 3_600_000 == 0) {
            return ms / 3_600_000 + "h";
        }
        if (ms % 60_000 == 0) {
            return ms / 60_000 + "m";
        }
        return ms % 1000 == 0 ? ms / 1000 + "s" : ms + "ms";
    }

    private static String network(Cidr cidr) {
        try {
            return java.net.InetAddress.getByAddress(cidr.network()).getHostAddress() + '/' + cidr.bits();
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Reason reason(String text) {
        for (Reason r : Reason.values()) {
            if (r.text().equals(text)) {
                return r;
            }
        }
        throw new JsonParseException("reason: " + text);
    }

    /** Enumerations as the configuration writes them: {@code round-robin}. */
    private static final class Words implements TypeAdapterFactory {
        @Override
        public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
            Class<? super T> raw = type.getRawType();
            if (!raw.isEnum()) {
                return null;
            }
            Object[] constants = raw.getEnumConstants();
            return new Text<>(Words::word, text -> {
                for (Object constant : constants) {
                    if (word(constant).equals(text)) {
                        @SuppressWarnings("unchecked") // one of the constants of T itself
                        T found = (T) constant;
                        return found;
                    }
                }
                throw new JsonParseException(raw.getSimpleName() + ": " + text);
            });
        }

        private static String word(Object constant) {
            return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A value that stands as one string. */
    private static final class Text<T> extends TypeAdapter<T> {
        private final Function<T, String> writer;
        private final Function<String, T> reader;

        Text(Function<T, String> writer, Function<String, T> reader) {
            this.writer = writer;
            this.reader = reader;
        }

        static <T> Text<T> written(Function<T, String> writer) {
            return new Text<>(writer, text -> {
                throw new JsonParseException("not read back: " + text);
            });
        }

        @Override
        public void write(JsonWriter out, @Nullable T value) throws IOException {
            if (value == null) {
                out.nullValue();
            } else {
                out.value(writer.apply(value));
            }
        }

        @Override
        public @Nullable T read(JsonReader in) throws IOException {
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                return null;
            }
            return reader.apply(in.nextString());
        }
    }
}
