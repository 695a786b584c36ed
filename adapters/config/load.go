package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"praxis/domain/fault"
)

// ErrInvalid is what every error of Load wraps.
var ErrInvalid = fault.New(fault.Invalid, "configuration_invalid", "The configuration is not valid. Run praxis config check to see every problem.")

// Problem is one thing wrong with the configuration. It never holds the value of a secret.
type Problem struct {
	// Name is the variable to change.
	Name string
	// Wrong completes a sentence that begins with the name.
	Wrong string
	// Example is an assignment that would do.
	Example string
}

// String returns the problem as one line.
func (p Problem) String() string {
	return fmt.Sprintf("%s %s, for example %s", p.Name, p.Wrong, p.Example)
}

// Problems is everything that is wrong with the configuration, as one error.
type Problems []Problem //nolint:errname // Its callers range over it; that it is an error as well comes second.

// Error lists the problems, one in each line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes the error one of fault.Invalid.
func (p Problems) Unwrap() error { return ErrInvalid }

// Load reads the configuration from an environment in the form of os.Environ. A
// variable that is set but blank counts as not set. The error is Problems and
// tells all of them at once.
func Load(environ []string) (Config, error) {
	table := settings()
	values := readEnviron(environ)
	warnings := unknownNames(values, table)
	problems := readSecretFiles(values, table)

	c := Config{Warnings: warnings, given: map[string]bool{}}
	for _, s := range table {
		c.given[s.name] = values[s.name] != ""
	}
	unparsed, err := parse(&c, values, table)
	if err != nil {
		return Config{}, err
	}
	problems = append(problems, unparsed...)
	c.Operators = trimmed(c.Operators)
	for _, s := range table {
		if s.isValid != nil && !problems.concern(s.name) && !s.isValid(c) {
			problems = append(problems, s.problem())
		}
	}
	problems = append(problems, checkRules(c, problems)...)
	if len(problems) > 0 {
		return Config{}, problems
	}
	if !c.given["PRAXIS_PUBLIC_URL"] && !isLoopbackListen(c) {
		c.Warnings = append(c.Warnings, fmt.Sprintf("PRAXIS_PUBLIC_URL is not set: links will point to %s", c.BaseURL()))
	}
	if c.SMTPAddress != "" && c.InvitationLink == "" {
		c.Warnings = append(c.Warnings, "PRAXIS_INVITATION_LINK is not set: mails of invitations name an operation of the API, which nobody can open in a browser")
	}
	return c, nil
}

// readEnviron returns the variables that are not blank. Like a shell, it takes the last of two.
func readEnviron(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, found := strings.Cut(entry, "=")
		if !found || name == "" {
			continue
		}
		delete(values, name)
		if value = strings.TrimSpace(value); value != "" {
			values[name] = value
		}
	}
	return values
}

// parse fills the typed fields and turns the library's errors, which repeat
// values, into problems, which do not. Its own error is a defect of Config.
func parse(c *Config, values map[string]string, table []setting) (Problems, error) {
	err := env.ParseWithOptions(c, env.Options{Environment: values})
	if err == nil {
		return nil, nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return nil, fmt.Errorf("config: read the environment: unforeseen %T", err)
	}
	var problems Problems
	for _, one := range all.Errors {
		var failed env.ParseError
		isParse := errors.As(one, &failed)
		i := slices.IndexFunc(table, func(s setting) bool { return s.field == failed.Name })
		if !isParse || i < 0 {
			return nil, fmt.Errorf("config: read the environment: unforeseen %T", one)
		}
		problems = append(problems, table[i].problem())
	}
	return problems, nil
}

func trimmed(list []string) []string {
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// concern reports whether a problem is already known about the variable.
func (p Problems) concern(names ...string) bool {
	return slices.ContainsFunc(p, func(problem Problem) bool {
		return slices.Contains(names, strings.TrimSuffix(problem.Name, "_FILE"))
	})
}
