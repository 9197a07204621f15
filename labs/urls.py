from typing import Any

app_name = "labs"
urlpatterns: list[Any] = []
