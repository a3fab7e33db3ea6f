package weir.discovery;

import java.time.Duration;

/** Follows one service by a blocking query of its own, on a thread of its own. */
final class OwnWatch implements ConsulLoop.Turn {
    /** Under constant change a service is read so often; a single change is read at once. */
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final ConsulFollower follower;
    private final ConsulReader reader;
    private final ConsulReports reports;
    private final Duration wait;

    private OwnWatch(ConsulFollower follower, ConsulReader reader, ConsulReports reports, Duration wait) {
        this.follower = follower;
        this.reader = reader;
        this.reports = reports;
        this.wait = wait;
    }

    /** Starts to follow; the loop's end is the watch's. */
    static ConsulLoop start(ConsulFollower follower, ConsulReader reader, ConsulReports reports, Duration wait) {
        OwnWatch watch = new OwnWatch(follower, reader, reports, wait);
        ConsulLoop loop = new ConsulLoop(follower.service().name(), INTERVAL, watch);
        loop.start();
        return loop;
    }

    @Override
    public long run(ConsulLoop loop) throws ConsulFailure {
        ConsulRequest request = loop.blocking(follower.query().request(), wait);
        ConsulReader.Answer answer = reader.read(follower.query(), request);
        if (!loop.stopped()) {
            reports.answered(follower, answer);
        }
        return answer.index();
    }

    @Override
    public void failed(ConsulFailure failure) {
        reports.failed(follower, failure);
    }
}
