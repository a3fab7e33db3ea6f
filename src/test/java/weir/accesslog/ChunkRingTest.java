package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ChunkRingTest {
    @Test
    void isFullAtItsCapacityAndGivesBackInOrder() {
        ChunkRing ring = new ChunkRing(4);
        LineBuffer[] chunks = new LineBuffer[5];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = new LineBuffer(8);
            assertEquals(i < 4, ring.offer(chunks[i]));
        }
        assertEquals(4, ring.size());
        for (int i = 0; i < 4; i++) {
            assertSame(chunks[i], ring.poll());
        }
        assertNull(ring.poll());
        assertTrue(ring.offer(chunks[4]));
        assertFalse(ring.size() != 1);
    }

    @Test
    void whatOneThreadWritesIntoAChunkTheOtherReads() throws InterruptedException {
        int rounds = 200_000;
        ChunkRing filled = new ChunkRing(8);
        ChunkRing free = new ChunkRing(8);
        for (int i = 0; i < 8; i++) {
            free.offer(new LineBuffer(32));
        }
        Thread producer = new Thread(() -> {
            for (int i = 0; i < rounds; ) {
                LineBuffer chunk = free.poll();
                if (chunk == null) {
                    Thread.onSpinWait();
                    continue;
                }
                chunk.truncate(0);
                chunk.putDigits(i++, 6);
                filled.offer(chunk);
            }
        });
        producer.start();
        for (int i = 0; i < rounds; ) {
            LineBuffer chunk = filled.poll();
            if (chunk == null) {
                Thread.yield();
                continue;
            }
            assertEquals(
                    i++, Integer.parseInt(new String(chunk.array(), 0, chunk.length(), StandardCharsets.US_ASCII)));
            free.offer(chunk);
        }
        producer.join();
        assertEquals(0, filled.size());
    }
}
