from django.contrib import admin

from accounts.admin import StaffAdmin
from roadmap.models import (
    Activity,
    ActivityProgress,
    Attempt,
    CheckAnswer,
    LabVersion,
    LessonVersion,
    Question,
    QuestionVersion,
    Response,
    Step,
)

# Everything here is for looking: the catalogue is written by publishing, answers by learners.
# Rendered HTML is left out, so that nothing an author wrote is shown under the looser policy.


@admin.register(Step)
class StepAdmin(StaffAdmin):
    list_display = ("title", "key", "pack", "position", "is_complete", "retired_at")
    search_fields = ("title", "key")


@admin.register(Activity)
class ActivityAdmin(StaffAdmin):
    list_display = ("title", "key", "kind", "step", "position", "required", "retired_at")
    list_filter = ("kind", "step")
    list_select_related = ("step",)
    search_fields = ("title", "key")


@admin.register(Question)
class QuestionAdmin(StaffAdmin):
    list_display = ("key", "activity", "position", "retired_at")
    list_select_related = ("activity",)
    search_fields = ("key",)


@admin.register(LessonVersion, LabVersion)
class VersionAdmin(StaffAdmin):
    list_display = ("activity", "digest", "created_at")
    list_select_related = ("activity",)
    exclude = ("html",)


@admin.register(QuestionVersion)
class QuestionVersionAdmin(StaffAdmin):
    list_display = ("question", "digest", "created_at")
    list_select_related = ("question",)
    exclude = ("html",)


@admin.register(Attempt)
class AttemptAdmin(StaffAdmin):
    list_display = ("user", "activity", "number", "opened_at", "finished_at", "score")
    list_select_related = ("user", "activity")
    search_fields = ("user__email",)


@admin.register(Response)
class ResponseAdmin(StaffAdmin):
    list_display = ("item", "number", "credit", "final", "answered_at")
    list_select_related = ("item",)


@admin.register(CheckAnswer)
class CheckAnswerAdmin(StaffAdmin):
    list_display = ("user", "version", "credit", "answered_at")
    list_select_related = ("user", "version__question")


@admin.register(ActivityProgress)
class ActivityProgressAdmin(StaffAdmin):
    list_display = ("user", "activity", "score", "passed_at", "updated_at")
    list_select_related = ("user", "activity")
    search_fields = ("user__email",)
