// Package accesslog is the practice's own record of who looked at what, who was refused
// what and who took data out, and the installation's record of strangers who were refused.
// Its streams have no rules of their own, only facts; one
// stream per group and UTC day keeps them short. It imports the standard
// library and the domain's shared types.
package accesslog

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/id"
)

// Category is the category of access-log streams.
const Category es.Category = "accessLog"

// Stream is the access log of a group on the UTC day of at.
func Stream(group id.Group, at time.Time) es.Stream {
	return es.StreamOf(Category, group, at.UTC().Format("20060102"))
}

// OutsidersStream is the installation's log, on the UTC day of at, of accounts that
// asked for practices they have no tie to. It belongs to no practice.
func OutsidersStream(at time.Time) es.Stream {
	return es.Stream(string(Category) + "-outsiders+" + at.UTC().Format("20060102"))
}

// Event is a fact of the access log.
//
//sumtype:decl
type Event interface{ isEvent() }

// AccessRefused is recorded whenever someone asks for what they may not do or
// see, so that an auditor finds attempts and an owner finds missing permissions.
type AccessRefused struct {
	// Action is the command or query that was asked for.
	Action string `json:"action"`
	// Capability is the permission that was missing.
	Capability access.Capability `json:"capability"`
	// Rule is what decided, as in access.Decision.
	Rule string `json:"rule"`
	// Target names what it was about: a stream name or a read model, never content.
	Target string `json:"target"`
}

// OutsiderRefused is recorded, at most once a minute and account, when an account
// asks for something of a practice that does not exist or that it has no tie to.
type OutsiderRefused struct {
	// Action is the command or query that was asked for.
	Action string `json:"action"`
	// Group is the practice that was named, whether there is one or not.
	Group id.Group `json:"group"`
	// Unrecorded is how many further refusals of the account came since its last record.
	Unrecorded int `json:"unrecorded,omitempty"`
}

// DataExported is recorded before a file leaves Praxis: without this record
// nothing is handed out.
type DataExported struct {
	// What names the export, such as "roster".
	What string `json:"what"`
	// Rows is how many rows it holds, Filter how they were chosen.
	Rows   int    `json:"rows"`
	Filter string `json:"filter,omitempty"`
	// Columns are those that were chosen; none where the exporter took all that they may see.
	Columns []string `json:"columns,omitempty"`
	// SHA256 is the hash of the file, hexadecimal, so that a copy can be recognised.
	SHA256 string `json:"sha256"`
	// AsOf is the log position that the rows reflect.
	AsOf string `json:"asOf"`
	// ExportedBy is the member who took it.
	ExportedBy id.Member `json:"exportedBy"`
}

func (AccessRefused) isEvent()   {}
func (OutsiderRefused) isEvent() {}
func (DataExported) isEvent()    {}

// Events is the table of the access log's event types.
func Events() []es.Row {
	return []es.Row{
		es.Define[AccessRefused]("accesslog.access_refused", 1),
		es.Define[OutsiderRefused]("accesslog.outsider_refused", 1),
		es.Define[DataExported]("accesslog.data_exported", 1),
		es.Define[RecordsViewed]("accesslog.records_viewed", 1),
		es.Define[SignedIn]("accesslog.signed_in", 1),
	}
}
