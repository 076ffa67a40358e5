# SPDX-License-Identifier: GPL-3.0-or-later
"""Convex bodies dropped into a square box till they lie still, by Blender's rigid bodies. Leaves nothing behind."""

import bpy
import numpy as np
from mathutils import Euler

FRAMES = 110
LARGE = 20.0  # Bullet's margins suit bodies of tens of centimetres: simulate everything this much larger


def _body(name, vertices, faces):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def _rigid(things, kind, shape):
    for thing in bpy.context.scene.objects:
        thing.select_set(thing in things)
    bpy.context.view_layer.objects.active = things[0]
    bpy.ops.rigidbody.objects_add(type=kind)
    for thing in things:
        body = thing.rigid_body
        body.collision_shape, body.friction, body.restitution = shape, 0.5, 0.05
        body.linear_damping, body.angular_damping = 0.1, 0.3
        body.use_margin, body.collision_margin = True, 0.003


def _box(side):
    """The walls and the floor, as thick slabs round a square of `side`."""
    slabs = [((0, 0, -1), (side * 2, side * 2, 2))]
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        size = (2 if x else side * 2, 2 if y else side * 2, side * 4)
        slabs.append(((x * (side / 2 + 1), y * (side / 2 + 1), side), size))
    cube = np.array(list(np.ndindex(2, 2, 2))) - 0.5
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    bodies = [_body("slab", cube * size, faces) for _, size in slabs]
    for body, (middle, _) in zip(bodies, slabs, strict=True):
        body.location = middle
    return bodies


def settle(shapes, faces, places, turns, side):
    """Drop bodies of vertices `shapes` (each (n, 3)) from `places` with Euler `turns` into a box of `side` metres.

    Give where they lie: rotation matrices (bodies, 3, 3) and places (bodies, 3).
    """
    scene = bpy.context.scene
    bpy.ops.rigidbody.world_add()
    scene.rigidbody_world.substeps_per_frame, scene.rigidbody_world.solver_iterations = 8, 15
    scene.rigidbody_world.point_cache.frame_end = scene.frame_end = FRAMES
    bodies = [_body("body", shape * LARGE, faces) for shape in shapes]
    for body, place, turn in zip(bodies, places, turns, strict=True):
        body.location, body.rotation_euler = place * LARGE, Euler(turn)
    slabs = _box(side * LARGE)
    _rigid(bodies, "ACTIVE", "CONVEX_HULL")
    _rigid(slabs, "PASSIVE", "BOX")
    for frame in range(1, FRAMES + 1):
        scene.frame_set(frame)
    poses = np.array([body.matrix_world for body in bodies])
    bpy.ops.rigidbody.world_remove()
    for thing in bodies + slabs:
        bpy.data.objects.remove(thing)
    scene.frame_set(1)
    return poses[:, :3, :3], poses[:, :3, 3] / LARGE
