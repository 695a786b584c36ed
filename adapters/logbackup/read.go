package logbackup

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"filippo.io/age"

	"praxis/domain/fault"
)

// ageMagic begins every file that age encrypted.
const ageMagic = "age-encryption.org/"

// maxRecord bounds what one record may take in memory; a node keeps none that is larger.
const maxRecord = 4 << 20

// ErrDamaged says that a file is no backup, or not a whole one.
var ErrDamaged = fault.New(fault.Rejected, "backup_damaged", "The file is not a whole backup: it was cut off, altered or damaged, or is another file. Take another one.")

var (
	errEncrypted    = fault.New(fault.Invalid, "backup_encrypted", "The backup is encrypted. Name the file of an age identity that it was encrypted to.")
	errNotEncrypted = fault.New(fault.Invalid, "backup_not_encrypted", "The backup is not encrypted, although an identity was named: it may not be the file that you mean. Leave the identity out if it is.")
	errIdentity     = fault.New(fault.Invalid, "backup_identity_wrong", "The backup was not encrypted to this identity. Name the file of another one.")
)

// damaged says why a file is not a whole backup. An end of the file is not the end of the
// backup, which io.EOF stands for.
func damaged(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return ErrDamaged.Because(err)
}

// Identities reads the file of one or more age identities, as age-keygen writes it. Fault:
// "identity_unreadable", which repeats nothing of the file.
func Identities(path string) ([]age.Identity, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Invalid, "identity_unreadable", "The file of the identity cannot be read: %v.", err)
	}
	identities, err := age.ParseIdentities(bytes.NewReader(raw))
	if err != nil {
		// The error would repeat the line.
		return nil, fault.New(fault.Invalid, "identity_unreadable", "The file of the identity holds no age identity, as age-keygen writes it: a line that begins with AGE-SECRET-KEY-.")
	}
	return identities, nil
}

// Reader reads a backup.
type Reader struct {
	plain      *summed
	compressed io.Reader
	ended      bool
}

// NewReader begins to read a backup, which is encrypted if identities are given, and only
// then. Faults: "backup_damaged", "backup_encrypted", "backup_not_encrypted",
// "backup_identity_wrong".
func NewReader(file io.Reader, identities ...age.Identity) (*Reader, error) {
	source := bufio.NewReaderSize(file, 64<<10)
	start, err := source.Peek(len(ageMagic))
	isEncrypted := string(start) == ageMagic
	switch {
	case err != nil:
		return nil, damaged(err)
	case isEncrypted && len(identities) == 0:
		return nil, errEncrypted
	case !isEncrypted && len(identities) > 0:
		return nil, errNotEncrypted
	}
	if isEncrypted {
		decrypted, err := age.Decrypt(source, identities...)
		if _, isOther := errors.AsType[*age.NoIdentityMatchError](err); isOther {
			return nil, errIdentity
		}
		if err != nil {
			return nil, damaged(err)
		}
		source = bufio.NewReaderSize(decrypted, 64<<10)
	}
	r := &Reader{plain: &summed{source: source, sum: sha256.New()}}
	begin := make([]byte, len(magic))
	if _, err := io.ReadFull(r.plain, begin); err != nil || string(begin) != magic {
		return nil, damaged(err)
	}
	r.compressed = bufio.NewReader(flate.NewReader(r.plain))
	return r, nil
}

// Next returns the next record, which is the caller's, and io.EOF after the last one, once
// the whole file has proved to be what was written. Fault: "backup_damaged".
func (r *Reader) Next() ([]byte, error) {
	if r.ended {
		return nil, io.EOF
	}
	var length [4]byte
	if _, err := io.ReadFull(r.compressed, length[:]); err != nil {
		return nil, damaged(err)
	}
	size := binary.BigEndian.Uint32(length[:])
	switch {
	case size == 0:
		if err := r.end(); err != nil {
			return nil, damaged(err)
		}
		r.ended = true
		return nil, io.EOF
	case size > maxRecord:
		return nil, damaged(fmt.Errorf("a record of %d bytes", size))
	}
	record := make([]byte, size)
	if _, err := io.ReadFull(r.compressed, record); err != nil {
		return nil, damaged(err)
	}
	return record, nil
}

// end holds the file to its hash, and lets nothing come after it.
func (r *Reader) end() error {
	if n, err := r.compressed.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("there is more after the last record"), err)
	}
	want := r.plain.total()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r.plain.source, got); err != nil {
		return err
	}
	if !bytes.Equal(want, got) {
		return errors.New("the hash is another one")
	}
	if _, err := r.plain.source.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("there is more after the hash"), err)
	}
	return nil
}

// summed reads byte by byte what the decompressor takes, so that it takes no more than its
// own part of the file, and hashes it.
type summed struct {
	source *bufio.Reader
	sum    hash.Hash
	// waiting are bytes that were read and not hashed yet.
	waiting []byte
}

// Read implements io.Reader.
func (s *summed) Read(p []byte) (int, error) {
	n, err := s.source.Read(p)
	s.took(p[:n]...)
	return n, err
}

// ReadByte implements io.ByteReader.
func (s *summed) ReadByte() (byte, error) {
	b, err := s.source.ReadByte()
	if err == nil {
		s.took(b)
	}
	return b, err
}

func (s *summed) took(b ...byte) {
	if s.waiting = append(s.waiting, b...); len(s.waiting) >= 32<<10 {
		s.total()
	}
}

// total returns the hash of what was read so far.
func (s *summed) total() []byte {
	// A hash takes everything.
	_, _ = s.sum.Write(s.waiting)
	s.waiting = s.waiting[:0]
	return s.sum.Sum(nil)
}
