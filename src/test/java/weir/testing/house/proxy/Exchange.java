package weir.testing.house.proxy;

import io.netty.channel.Channel;

/** An exchange that knows its channel. */
public record Exchange(Channel channel) {}
