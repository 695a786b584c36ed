package civil

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // The zones' rules are in the binary, for machines that have none.

	"praxis/domain/fault"
)

// Zone is an IANA time zone name such as "America/New_York".
type Zone string

// names are those of the database that is in the binary. The machine is not asked: it
// takes the path of any file beside its zones for a name.
//
//go:embed zones.txt
var names string

// zones reads the rules of each name when they are first asked for.
var zones = sync.OnceValue(func() map[Zone]func() (*time.Location, error) {
	zones := map[Zone]func() (*time.Location, error){}
	for name := range strings.FieldsSeq(names) {
		zones[Zone(name)] = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation(name) })
	}
	return zones
})

// Load returns the zone's rules, which are read once in a process. Fault:
// "zone_unknown" for what is no name of the IANA database, such as "Local",
// "localtime", "posixrules" and "Factory", which mean something else on every machine.
func (z Zone) Load() (*time.Location, error) {
	unknown := fault.New(fault.Invalid, "zone_unknown", "The time zone must be an IANA name such as America/New_York.")
	read, ok := zones()[z]
	if !ok {
		return nil, unknown
	}
	loc, err := read()
	if err != nil {
		return nil, unknown.Because(err)
	}
	return loc, nil
}
