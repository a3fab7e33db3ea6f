package weir.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class DescriptorsTest {
    @Test
    void reservesSixtyFourOrFivePercentAndOfFewNotTooMany() {
        assertEquals(64, new Descriptors(1_024).reserve());
        assertEquals(1_000, new Descriptors(20_000).reserve());
        assertEquals(30, new Descriptors(100).reserve());
    }

    @Test
    void neverCountsOnMoreThanTheProcessMayHave() {
        Descriptors descriptors = new Descriptors(1_000);
        descriptors.limit(500);
        assertEquals(500, descriptors.limit());
        descriptors.limit(2_000);
        assertEquals(1_000, descriptors.limit());
        descriptors.limit(0);
        assertEquals(1_000, descriptors.limit());
    }

    @Test
    void knowsWhatADescriptorWasLackedFor() {
        IOException java = new IOException("Too many open files");
        assertTrue(Descriptors.lackedIn(new ChannelException("Failed to open a socket.", java)));
        assertFalse(Descriptors.lackedIn(new IOException("Connection refused")));
        assertFalse(Descriptors.lackedIn(null));
    }
}
