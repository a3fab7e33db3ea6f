package weir.demo;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import weir.demo.v1.CalculatorGrpc;
import weir.demo.v1.SumRequest;
import weir.demo.v1.SumResponse;

/** The <em>sum</em> backend over gRPC; a sum beyond 64 bits is {@code OUT_OF_RANGE}. Thread-safe. */
final class SumOverGrpc extends CalculatorGrpc.CalculatorImplBase {
    @Override
    public void sum(SumRequest request, StreamObserver<SumResponse> response) {
        try {
            long result = Sum.of(request.getA(), request.getB());
            response.onNext(SumResponse.newBuilder().setResult(result).build());
            response.onCompleted();
        } catch (ArithmeticException overflow) {
            response.onError(
                    Status.OUT_OF_RANGE.withDescription(overflow.getMessage()).asRuntimeException());
        }
    }
}
