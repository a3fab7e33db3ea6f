package weir.testing.house.http;

import io.netty.channel.ChannelFuture;

/** More of Netty than its buffers. */
public record Head(ChannelFuture future) {}
