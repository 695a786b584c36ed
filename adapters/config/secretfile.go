package config

import (
	"errors"
	"io"
	"os"
	"strings"
)

// maxSecretBytes bounds what is read from the file of a secret.
const maxSecretBytes = 64 << 10

// readSecretFiles puts the content of every NAME_FILE into NAME.
func readSecretFiles(values map[string]string, table []setting) Problems {
	var problems Problems
	for _, s := range table {
		path, isGiven := values[s.name+"_FILE"]
		if !s.isSecret() || !isGiven {
			continue
		}
		example := s.name + "_FILE=/run/secrets/" + strings.ToLower(s.name)
		if values[s.name] != "" {
			problems = append(problems, Problem{s.name + "_FILE", "must not be set together with " + s.name + "; keep one of them", example})
			continue
		}
		content, err := readSecretFile(path)
		if err != nil {
			problems = append(problems, Problem{s.name + "_FILE", "names a file that cannot be used: " + err.Error(), example})
			continue
		}
		values[s.name] = content
	}
	return problems
}

// readSecretFile reads a small file without the line break at its end. Its
// errors hold neither path nor content: the path could be a secret given by
// mistake in place of its file.
func readSecretFile(path string) (content string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", reason(err)
	}
	// A pipe or a device could block or never end.
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", reason(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	raw, err := io.ReadAll(io.LimitReader(file, maxSecretBytes+1))
	switch content = strings.TrimSpace(string(raw)); {
	case err != nil:
		return "", reason(err)
	case len(raw) > maxSecretBytes:
		return "", errors.New("it is larger than 64 KiB")
	case content == "":
		return "", errors.New("it is empty")
	}
	return content, nil
}

// reason strips the path from an error of the file system.
func reason(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
