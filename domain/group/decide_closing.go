package group

import (
	"regexp"
	"strconv"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// CloseGroup ends the practice for good. Its records stay and can be read; nothing
// of it changes any more, its invitations are void, and no period is charged.
// Purchases that nobody could use yet, because they are not paid, are undone.
// Rejections: "owner_only", "invalid_export_hash", "active_members_remain",
// "removal_in_progress", "records_export_required". Closing twice changes nothing.
type CloseGroup struct {
	// By is the member who decides: the owner.
	By id.Member `json:"-"`
	// ExportManifestHash is the SHA-256 of the export with which the owner keeps the
	// records, in 64 small hexadecimal digits.
	ExportManifestHash string `json:"exportManifestHash"`
	// IsExported reports that the practice's access log has that export: a fact.
	IsExported bool `json:"-"`
}

var (
	errExportHash     = fault.New(fault.Invalid, "invalid_export_hash", "The hash of an export is its SHA-256 in 64 small hexadecimal digits.")
	errExportRequired = fault.New(fault.Rejected, "records_export_required", "Export the records first: the whole roster, or its archived charts, within the last seven days. Then name the SHA-256 of that file.")
)

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Decide closes the practice.
func (c CloseGroup) Decide(s State, now time.Time) ([]Event, error) {
	if err := s.owning(c.By); err != nil {
		return nil, err
	}
	others, removals := 0, 0
	for _, m := range s.members {
		if m.Active && m.ID != s.owner {
			others++
		}
		if r, _ := s.RemovalOf(m.ID); r.InProgress {
			removals++
		}
	}
	switch {
	case s.Closed():
		return nil, nil
	case !hashPattern.MatchString(c.ExportManifestHash):
		return nil, errExportHash
	case others > 0:
		return nil, fault.New(fault.Rejected, "active_members_remain", "%d members besides you still have access. Remove them first.", others).
			With("members", strconv.Itoa(others))
	case removals > 0:
		return nil, errRemovalInProgress
	case !c.IsExported:
		return nil, errExportRequired
	}
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	return append(s.unusable(today), GroupClosed{ExportManifestHash: c.ExportManifestHash, ClosedBy: c.By}), nil
}

// Closed reports whether the practice has ended. Who carries out commands refuses
// all of a practice that has.
func (s State) Closed() bool { return s.lifecycle.closed }

// groupClosed voids what was still open when the practice ended.
func (s *State) groupClosed() {
	s.lifecycle.closed = true
	s.unheir()
	for i := range s.invitations {
		s.closeInvitation(i)
	}
}
