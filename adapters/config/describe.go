package config

// Described is one row of the configuration as people may see it.
type Described struct {
	// Name is the variable.
	Name string `json:"name"`
	// Value is the value in force, "[redacted]" for a secret that is set.
	Value string `json:"value"`
	// Default is what holds when the variable is not set, empty where nothing does.
	Default string `json:"default"`
	// IsDefault reports whether the variable was not set.
	IsDefault bool `json:"isDefault"`
	// IsSecret reports whether the value is never shown and may come from the file that NAME_FILE names.
	IsSecret bool `json:"isSecret"`
	// Doc says what the variable is for.
	Doc string `json:"doc"`
	// Note says what follows from the value, where that is worth a sentence.
	Note string `json:"note,omitempty"`
	// Example is a value that would do.
	Example string `json:"example"`
}

// Describe returns the whole configuration, one row for each variable, in the
// order of the documentation.
func (c Config) Describe() []Described {
	var rows []Described
	for _, s := range settings() {
		row := Described{
			Name: s.name, Value: s.show(c), Default: s.field.Tag.Get("envDefault"), IsDefault: !c.given[s.name],
			IsSecret: s.isSecret(), Doc: s.doc, Example: s.example,
		}
		if s.name == "PRAXIS_STRIPE_SECRET_KEY" {
			row.Note = c.CardMode()
		}
		rows = append(rows, row)
	}
	return rows
}
