"""The report as pydantic models: what the library returns and the published JSON Schema describes.

The models are derived from the dataclasses of `report.model`, field by field, so that there is one
definition.  `schema` is a field here, which pydantic takes for an old method of its own and says
so; that warning is not for our users.
"""

from __future__ import annotations

import dataclasses
import types
import typing
import warnings
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from dsql_compat.report import model


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


def _derive(cls: type, known: dict[type, type[BaseModel]]) -> type[BaseModel]:
    """A pydantic model with the fields, types, defaults and docstring of a dataclass."""
    if cls in known:
        return known[cls]
    hints = typing.get_type_hints(cls)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        default = ... if field.default is dataclasses.MISSING else field.default
        if field.default_factory is not dataclasses.MISSING:
            default = Field(default_factory=field.default_factory)
        fields[field.name] = (_translate(hints[field.name], known), default)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message='Field name "schema"')
        known[cls] = create_model(
            cls.__name__, __base__=_Part, __doc__=cls.__doc__, __module__=__name__, **fields
        )
    return known[cls]


def _translate(hint: Any, known: dict[type, type[BaseModel]]) -> Any:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _derive(hint, known)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, dict, types.UnionType, typing.Union):
        inner = tuple(_translate(argument, known) for argument in arguments)
        return typing.Union[inner] if origin in (types.UnionType, typing.Union) else origin[inner]  # noqa: UP007
    return hint


if TYPE_CHECKING:
    # mypy takes a model for an unfrozen dataclass, which may not inherit from a frozen one.
    class Report(model.Report, BaseModel):  # type: ignore[misc]
        """The readiness report of one analysis."""

else:
    Report = _derive(model.Report, {})


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the report, as published."""
    schema = Report.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dsql-compat readiness report, schema_version 1",
        **{key: value for key, value in schema.items() if key != "title"},
    }
