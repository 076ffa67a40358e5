"""The synthesis itself, in torch. Never imports bpy."""
