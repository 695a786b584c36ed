package eventnode

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"praxis/adapters/eventnode/engine"
	"praxis/domain/fault"
)

// The one service that is no other server's: it hands out the log as it is kept, for a
// backup. It is served on the unix socket alone, whose directory is closed to other users.
const (
	backupService = "praxis.eventnode.Backup"
	backupRecords = "Records"
)

// registerBackup serves the backup of a log.
func registerBackup(server *grpc.Server, log *engine.Engine, stopping <-chan struct{}) {
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: backupService,
		HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{StreamName: backupRecords, ServerStreams: true, Handler: func(_ any, call grpc.ServerStream) error {
			return sendRecords(call, log, stopping)
		}}},
	}, nil)
}

// sendRecords sends the log up to its present end. Each message is that end and then
// records, each behind its length. No transaction is open while something is sent.
func sendRecords(call grpc.ServerStream, log *engine.Engine, stopping <-chan struct{}) error {
	if err := call.RecvMsg(new(emptypb.Empty)); err != nil {
		return err
	}
	head, _ := log.Head()
	for sent := uint64(0); ; {
		select {
		case <-stopping:
			return status.Error(codes.Unavailable, "the event node is stopping")
		default:
		}
		page := binary.BigEndian.AppendUint64(nil, head)
		if sent < head {
			records, err := log.Records(sent + 1)
			if err != nil {
				return translate(err)
			}
			for _, record := range records[:min(uint64(len(records)), head-sent)] {
				page = append(binary.BigEndian.AppendUint32(page, uint32(len(record))), record...)
				sent++
			}
		}
		if err := call.SendMsg(wrapperspb.Bytes(page)); err != nil || sent == head {
			return err
		}
	}
}

// Records reads the whole log of the node that serves a unix socket, as of now, while it
// goes on: record is called with each record as engine.Load takes them, and with the
// position of the last one. It ends with the first error of record. Fault:
// "backup_not_served" where the node cannot be asked for it.
func Records(ctx context.Context, address string, record func(record []byte, last uint64) error) (err error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("reach the event node: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/"+backupService+"/"+backupRecords)
	if err == nil {
		err = errors.Join(call.SendMsg(new(emptypb.Empty)), call.CloseSend())
	}
	if err != nil {
		return notServed(err)
	}
	for {
		page := new(wrapperspb.BytesValue)
		switch err := call.RecvMsg(page); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return notServed(err)
		}
		if err := eachRecord(page.GetValue(), record); err != nil {
			return err
		}
	}
}

var errPage = errors.New("the event node sent a part of its log that cannot be read")

// eachRecord takes one message apart.
func eachRecord(page []byte, record func(record []byte, last uint64) error) error {
	if len(page) < 8 {
		return errPage
	}
	last, rest := binary.BigEndian.Uint64(page), page[8:]
	for len(rest) > 0 {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.BigEndian.Uint32(rest)) {
			return errPage
		}
		end := 4 + binary.BigEndian.Uint32(rest)
		if err := record(rest[4:end], last); err != nil {
			return err
		}
		rest = rest[end:]
	}
	return nil
}

// notServed says why a node does not hand out its log.
func notServed(err error) error {
	switch status.Code(err) {
	case codes.Unimplemented:
		return fault.New(fault.Unavailable, "backup_not_served", "The server that runs is of a release that cannot be backed up while it runs. Stop it, and run this command again.").Because(err)
	case codes.Unavailable:
		return fault.New(fault.Unavailable, "backup_not_served", "The event node went away while its log was read. Run this command again.").Because(err)
	}
	return fmt.Errorf("read the log of the event node: %w", err)
}
