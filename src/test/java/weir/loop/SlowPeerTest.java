package weir.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

final class SlowPeerTest {
    private final SlowPeer slow = new SlowPeer();

    @Test
    void theKernelIsAskedOnceEarlyAndAtTheEnd() {
        int asked = 0;
        long since = 1000;
        for (long now = 1000; now < 1800; now += 10) {
            if (slow.asks(now, since, 800)) {
                assertEquals(since, slow.silentSince(now, since, 800, 5));
                asked++;
            }
        }
        assertEquals(1, asked);
        assertTrue(slow.asks(1800, since, 800));
        assertFalse(slow.asks(1800, since, 0), "no limit");
    }

    @Test
    void oneWhoTookNothingIsSilent() {
        assertEquals(1000, slow.silentSince(1100, 1000, 800, 5));
        assertEquals(1000, slow.silentSince(1800, 1000, 800, 5));
    }

    @Test
    void oneWhoTookBytesHasAnotherTime() {
        assertEquals(1000, slow.silentSince(1100, 1000, 800, 5));
        assertEquals(1800, slow.silentSince(1800, 1000, 800, 6));
        assertFalse(slow.asks(2599, 1800, 800), "what was said then is what to compare with");
        assertEquals(1800, slow.silentSince(2600, 1800, 800, 6));
    }

    @Test
    void whereNobodyCanTellTheRuleIsTheOldOne() {
        long nothing = SlowPeer.acknowledged(new EmbeddedChannel());
        assertEquals(SlowPeer.NOTHING, nothing);
        assertEquals(1000, slow.silentSince(1800, 1000, 800, nothing));
    }
}
