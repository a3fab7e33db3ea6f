package weir.connection;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.BackendFailure;
import weir.http.Fields;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;

/** Takes what a backend sends and does nothing. */
final class Deaf implements ResponseReceiver {
    @Override
    public void informational(ResponseHead head) {}

    @Override
    public void response(ResponseHead head, boolean last) {}

    @Override
    public void body(ByteBuf data) {
        data.release();
    }

    @Override
    public void end(@Nullable Fields trailers) {}

    @Override
    public void failed(BackendFailure failure) {}

    @Override
    public void writable() {}

    @Override
    public void readComplete() {}
}
