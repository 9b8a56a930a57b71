package main

import "net/http"

// grpcHealth answers `grpc.health.v1.Health/Check` as the real server does, with the one message that there is to send:
// a frame without compression that holds `status: SERVING` (field 1, value 1).
// Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and doc/health-checking.md.
func grpcHealth(answer http.ResponseWriter, request *http.Request) {
	if request.ProtoMajor != 2 || request.Header.Get("Content-Type") != "application/grpc" {
		text(answer, http.StatusUnsupportedMediaType, "gRPC needs HTTP/2 and application/grpc")
		return
	}
	answer.Header().Set("Content-Type", "application/grpc")
	answer.Header().Set("Trailer", "Grpc-Status")
	_, _ = answer.Write([]byte{0, 0, 0, 0, 2, 0x08, 1}) // the client may have gone
	answer.Header().Set("Grpc-Status", "0")
}
