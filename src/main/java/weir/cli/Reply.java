package weir.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import weir.admin.AdminJson;

/** Reads what the admin API answered. Immutable. */
final class Reply {
    private Reply() {}

    /**
     * An answer as a record.
     *
     * @throws IOException when it is none, with one line for people
     */
    static <T> T read(String body, Class<T> type) throws IOException {
        @Nullable T reply;
        try {
            reply = AdminJson.read(body, type);
        } catch (RuntimeException e) {
            // A record refuses null by itself, so a foreign answer may fail in any constructor.
            throw new IOException("the answer is not that of Weir's admin API of this version", e);
        }
        if (reply == null) {
            throw new IOException("the answer is empty");
        }
        return reply;
    }

    /** What an error answer says; its whole text, shortened, when it is not one of ours. */
    static String error(String body) {
        try {
            if (JsonParser.parseString(body) instanceof JsonObject object && object.has("error")) {
                return printable(object.get("error").getAsString());
            }
        } catch (JsonParseException | UnsupportedOperationException | IllegalStateException e) {
            return printable(body.length() > 80 ? body.substring(0, 80) + "..." : body);
        }
        return printable(body.length() > 80 ? body.substring(0, 80) + "..." : body);
    }

    /** Text from elsewhere that must not steer the terminal. */
    static String printable(String text) {
        return text.strip().replaceAll("\\p{C}", "?");
    }
}
