// Package logbackup is the file that a backup of the embedded node's log is: the records of
// the whole log, compressed, with a hash of everything, and on request encrypted to
// recipients of age (ADR 32). It imports age and package fault, and knows nothing of what a
// record holds.
//
// A file is
//
//	"praxis log backup 1\n"
//	DEFLATE of: for each record, its length (4 bytes, big endian) and the record; then 0
//	SHA-256 of all that is in front of it
//
// and where it is encrypted, that in the format of age (age-encryption.org/v1), so that age
// itself can decrypt it.
package logbackup

import (
	"bufio"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"strings"

	"filippo.io/age"

	"praxis/domain/fault"
)

// magic begins every file before it is encrypted. Another form of the file is another one.
const magic = "praxis log backup 1\n"

// Recipients reads recipients, age1…, to which a file is to be encrypted. Fault:
// "recipient_malformed".
func Recipients(names []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, name := range names {
		one, err := age.ParseRecipients(strings.NewReader(name))
		if err != nil || len(one) != 1 {
			// The error would repeat what might be a key.
			return nil, fault.New(fault.Invalid, "recipient_malformed", "A recipient must be the public key of an age identity, as age-keygen prints it: age1 and 58 more letters and digits.")
		}
		all = append(all, one...)
	}
	return all, nil
}

// Writer writes a backup.
type Writer struct {
	encrypted  io.WriteCloser // nil where it is not
	plain      *bufio.Writer
	sum        hash.Hash
	compressed *flate.Writer
}

// NewWriter begins a backup, encrypted to the recipients if there are any.
func NewWriter(file io.Writer, recipients ...age.Recipient) (*Writer, error) {
	w := &Writer{sum: sha256.New()}
	if len(recipients) > 0 {
		var err error
		if w.encrypted, err = age.Encrypt(file, recipients...); err != nil {
			return nil, fmt.Errorf("encrypt the backup: %w", err)
		}
		file = w.encrypted
	}
	w.plain = bufio.NewWriterSize(file, 64<<10)
	hashed := io.MultiWriter(w.plain, w.sum)
	if _, err := io.WriteString(hashed, magic); err != nil {
		return nil, err
	}
	var err error
	w.compressed, err = flate.NewWriter(hashed, flate.BestSpeed)
	return w, err
}

// Add writes the next record.
func (w *Writer) Add(record []byte) error {
	if _, err := w.compressed.Write(binary.BigEndian.AppendUint32(nil, uint32(len(record)))); err != nil {
		return err
	}
	_, err := w.compressed.Write(record)
	return err
}

// Close completes the backup. Without it the file is refused. The file itself is left open.
func (w *Writer) Close() error {
	if err := w.Add(nil); err != nil {
		return err
	}
	if err := w.compressed.Close(); err != nil {
		return err
	}
	if _, err := w.plain.Write(w.sum.Sum(nil)); err != nil {
		return err
	}
	if err := w.plain.Flush(); err != nil {
		return err
	}
	if w.encrypted != nil {
		return w.encrypted.Close()
	}
	return nil
}
