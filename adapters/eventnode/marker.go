package eventnode

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// markerFile stands in the data directory while a node has it. Found at the
// start, it says that the last node did not end by itself: then the whole log is
// checked before anything is served from it.
const markerFile = "running"

func markerPath(dir string) string { return filepath.Join(dir, markerFile) }

// endedUncleanly reports whether the last node of the directory left its marker.
func endedUncleanly(dir string) (bool, error) {
	_, err := os.Stat(markerPath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the last run's marker: %w", err)
	}
	return true, nil
}

// setMarker says that a node has the directory. It is called under the log's lock.
func setMarker(dir string) error {
	if err := os.WriteFile(markerPath(dir), nil, 0o600); err != nil {
		return fmt.Errorf("set the marker of this run: %w", err)
	}
	return nil
}

// clearMarker says that the log was closed as it should be.
func clearMarker(dir string) error {
	if err := os.Remove(markerPath(dir)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("clear the marker of this run: %w", err)
	}
	return nil
}
