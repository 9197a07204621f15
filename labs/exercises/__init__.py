"""The exercises. One file each; the file's name with dashes is its slug."""
