package httpapi

import (
	"maps"

	"praxis/commands"
)

// StrictJSON is what every body must pass before the document is asked.
var StrictJSON = strictJSON

// MatchCommands holds commands to the document, as every start does.
func MatchCommands(declared []commands.Description) error {
	doc, err := loadDocument()
	if err != nil {
		return err
	}
	return matchCommands(doc, declared)
}

// Unrecorded are the queries that are not recorded as views, each with why.
func Unrecorded() map[string]string { return maps.Clone(unrecorded) }
