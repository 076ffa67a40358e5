"""The engine's Python and the worker process. Neither bpy nor torch may be imported here."""
