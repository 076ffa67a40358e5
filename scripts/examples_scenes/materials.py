# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials as shader nodes that write their height and roughness beside their colour. Holds no surface's own look."""

import bpy


class Shader:
    """A material under construction: `add` makes nodes, `finish` wires the surface and the maps."""

    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def add(self, kind, output=0, settings=None, **inputs):
        """Add the node `ShaderNode<kind>`; inputs are by name (`_` for a blank), sockets or values. Give one output."""
        node = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in (settings or {}).items():
            setattr(node, key, value)
        for key, value in inputs.items():
            self.plug(value, self._socket(node, key.replace("_", " ")))
        return node.outputs[output]

    @staticmethod
    def _socket(node, name):
        if name.startswith("in "):
            return node.inputs[int(name[3:])]
        return node.inputs[name]

    def plug(self, value, socket):
        """Link an output to an input `socket`, or set its value."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def attribute(self, name, output="Vector"):
        """A vertex attribute: its `Vector`, its `Color` or its number (`Fac`)."""
        return self.add("Attribute", output, {"attribute_name": name})

    def math(self, operation, *operands, clamp=False):
        """Add a node for arithmetic on numbers, by Blender's name of the operation."""
        inputs = {f"in_{at}": operand for at, operand in enumerate(operands)}
        return self.add("Math", 0, {"operation": operation, "use_clamp": clamp}, **inputs)

    def ramp(self, value, low, high, to_low=0.0, to_high=1.0):
        """A smooth ramp of `value` from low..high to to_low..to_high, clamped."""
        settings = {"interpolation_type": "SMOOTHSTEP"}
        return self.add("MapRange", 0, settings, in_0=value, in_1=low, in_2=high, in_3=to_low, in_4=to_high)

    def blend(self, weight, first, second, how="MIX"):
        """Mix two colours by `weight` with the blend type `how`."""
        settings = {"data_type": "RGBA", "blend_type": how}
        return self.add("Mix", 2, settings, in_0=weight, in_6=first, in_7=second)

    def noise(self, where, scale, detail=4.0, roughness=0.5, output=0):
        """Blender's fractal noise, 0..1 about a half."""
        return self.add("TexNoise", output, Vector=where, Scale=scale, Detail=detail, Roughness=roughness)

    def bump(self, height, distance):
        """The shading normal of a height in metres x `distance`, for what is finer than the mesh."""
        return self.add("Bump", 0, Height=height, Distance=distance)

    def finish(self, colour, roughness, normal=None, translucent=0.0, specular=0.4):
        """Wire surface and maps and give the material; `translucent` is the part of light that comes through."""
        inputs = {"Base_Color": colour, "Roughness": roughness, "Specular_IOR_Level": specular}
        if normal is not None:
            inputs["Normal"] = normal
        surface = self.add("BsdfPrincipled", 0, **inputs)
        if translucent:
            through = self.add("BsdfTranslucent", 0, Color=colour)
            surface = self.add("MixShader", 0, in_0=translucent, in_1=surface, in_2=through)
        self.plug(surface, self.tree.nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
        self._map("roughness", roughness)
        position = self.add("NewGeometry", "Position")
        self._map("height", self.add("SeparateXYZ", "Z", Vector=position))
        return self.material

    def _map(self, name, value):
        node = self.tree.nodes.new("ShaderNodeOutputAOV")
        node.aov_name = name
        self.plug(value, node.inputs["Value"])


def painted(name, specular=0.4):
    """The material of a mesh that carries `colour` and `roughness` at its vertices."""
    shader = Shader(name)
    return shader.finish(shader.attribute("colour"), shader.attribute("roughness", "Fac"), specular=specular)
