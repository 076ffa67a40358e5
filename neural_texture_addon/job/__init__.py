"""The language that Blender, the command line and the engine share. Standard library only."""
