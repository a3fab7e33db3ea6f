package weir.discovery;

/** Takes what watches find out. Called on their threads. */
interface ConsulReports {
    /** There is a believed answer for that service. */
    void answered(ConsulFollower follower, ConsulReader.Answer answer);

    /** There is none now; what is known stays. */
    void failed(ConsulFollower follower, ConsulFailure failure);
}
