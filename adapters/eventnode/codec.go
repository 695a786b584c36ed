package eventnode

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// frame is a message that is already encoded. Reads send frames because
// building and marshalling the generated structs is most of their cost.
type frame []byte

// frameCodec sends frames as they are and leaves every other message to the
// protobuf codec of gRPC.
type frameCodec struct {
	encoding.CodecV2
}

func newFrameCodec() frameCodec {
	return frameCodec{CodecV2: encoding.GetCodecV2(proto.Name)}
}

// Marshal encodes a message for the wire.
func (c frameCodec) Marshal(message any) (mem.BufferSlice, error) {
	if encoded, ok := message.(frame); ok {
		return mem.BufferSlice{mem.SliceBuffer(encoded)}, nil
	}
	return c.CodecV2.Marshal(message)
}
