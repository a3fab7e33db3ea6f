package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import weir.config.Address;

final class ConsulRegistrationTest {
    private static String status(boolean again) {
        ConsulRegistration.Self self = new ConsulRegistration.Self(
                "w-1", "w", List.of(), Map.of(), new Address("", 1), "http://127.0.0.1:9900/readyz");
        JsonObject check =
                JsonParser.parseString(self.json(again)).getAsJsonObject().getAsJsonObject("Check");
        assertEquals("http://127.0.0.1:9900/readyz", check.get("HTTP").getAsString());
        return check.get("Status").getAsString();
    }

    @Test
    void aNewOneWaitsForItsFirstCheckAndAForgottenOneDoesNot() {
        assertEquals("critical", status(false));
        assertEquals("passing", status(true));
    }
}
